/** Connections, migrations, COPY, arrays and failures of PostgreSQL. */
@NullMarked
package io.tradesync.jdbc.internal.sql;

import org.jspecify.annotations.NullMarked;
