/** How fast a backlog is closed, and a stream consumed. */
@NullMarked
package io.tradesync.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
