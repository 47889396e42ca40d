/** How fast a backlog is closed. */
@NullMarked
package io.tradesync.examples.bench;

import org.jspecify.annotations.NullMarked;
