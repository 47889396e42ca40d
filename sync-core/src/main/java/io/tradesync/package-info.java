/** The API: the engine, its settings and results, and the values that all parts share. */
@NullMarked
package io.tradesync;

import org.jspecify.annotations.NullMarked;
