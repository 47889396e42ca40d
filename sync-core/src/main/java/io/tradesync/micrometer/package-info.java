/** Meters of an engine for Micrometer, which is an optional dependency of this package alone. */
@NullMarked
package io.tradesync.micrometer;

import org.jspecify.annotations.NullMarked;
