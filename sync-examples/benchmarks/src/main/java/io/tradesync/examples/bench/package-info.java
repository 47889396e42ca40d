/** How fast a backlog is closed, and a stream consumed. */
@NullMarked
package io.tradesync.examples.bench;

import org.jspecify.annotations.NullMarked;
