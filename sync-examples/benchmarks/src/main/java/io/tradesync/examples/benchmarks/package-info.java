/** Benchmarks of closing a backlog, finding holes and consuming a stream. */
@NullMarked
package io.tradesync.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
