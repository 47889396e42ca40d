/** What source, log and sink share: connections, migrations, and how SQL is written and sent. */
@NullMarked
package io.tradesync.jdbc.internal.sql;

import org.jspecify.annotations.NullMarked;
