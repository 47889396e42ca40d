/** The sink on PostgreSQL: rows of trades and candles, and the recomputation of candles. */
@NullMarked
package io.tradesync.jdbc.internal.sink;

import org.jspecify.annotations.NullMarked;
