/** Threads of this library's own. */
@NullMarked
package io.tradesync.internal.thread;

import org.jspecify.annotations.NullMarked;
