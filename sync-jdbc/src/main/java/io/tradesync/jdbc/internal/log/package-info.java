/** The log's tables: entries, claims, run history, leases and verification. */
@NullMarked
package io.tradesync.jdbc.internal.log;

import org.jspecify.annotations.NullMarked;
