/** What the log of processed trades implements: entries, claims, leases, runs and verification. */
@NullMarked
package io.tradesync.spi.log;

import org.jspecify.annotations.NullMarked;
