package io.tradesync.examples.benchmarks;

/**
 * Trades that the store lacks.
 *
 * @param schema the schema of the source that holds them and nothing else
 * @param trades how many
 */
record Backlog(String schema, long trades) {}
