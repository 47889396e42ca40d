/** Runs whose units are carried out by a Flink cluster. */
@NullMarked
package io.tradesync.examples.flink;

import org.jspecify.annotations.NullMarked;
