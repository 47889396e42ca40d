/** Finding what differs between the two sides. */
@NullMarked
package io.tradesync.internal.gap;

import org.jspecify.annotations.NullMarked;
