/** Threads of this library, and how their work is asked to end. */
@NullMarked
package io.tradesync.internal.thread;

import org.jspecify.annotations.NullMarked;
