/** A source, a log and a sink in memory, for tests and for trying things out. */
@NullMarked
package io.tradesync.inmemory;

import org.jspecify.annotations.NullMarked;
