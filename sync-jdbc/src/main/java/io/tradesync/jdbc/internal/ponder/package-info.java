/** Reading Ponder's tables: statements, checks, pools and the limits of a request. */
@NullMarked
package io.tradesync.jdbc.internal.ponder;

import org.jspecify.annotations.NullMarked;
