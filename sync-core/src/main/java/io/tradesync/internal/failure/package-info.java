/** Sorting failures, describing them, and trying again. */
@NullMarked
package io.tradesync.internal.failure;

import org.jspecify.annotations.NullMarked;
