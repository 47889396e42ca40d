/** Rows of the source that cannot be read as one trade. */
@NullMarked
package io.tradesync.internal.rows;

import org.jspecify.annotations.NullMarked;
