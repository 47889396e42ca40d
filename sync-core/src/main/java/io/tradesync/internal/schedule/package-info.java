/** Runs that start by themselves: the automatic recovery, and runs that a live feed asks for. */
@NullMarked
package io.tradesync.internal.schedule;

import org.jspecify.annotations.NullMarked;
