/** Dividing the work of a run into units that other machines carry out. */
@NullMarked
package io.tradesync.internal.work;

import org.jspecify.annotations.NullMarked;
