/** PostgreSQL adapters: the Ponder source, the log, and the TimescaleDB sink. */
@NullMarked
package io.tradesync.jdbc;

import org.jspecify.annotations.NullMarked;
