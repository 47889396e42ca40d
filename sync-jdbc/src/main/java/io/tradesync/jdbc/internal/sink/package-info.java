/** The sink's tables: trades and candles. */
@NullMarked
package io.tradesync.jdbc.internal.sink;

import org.jspecify.annotations.NullMarked;
