/** Finding what differs between the two sides. */
@NullMarked
package io.tradesync.internal.compare;

import org.jspecify.annotations.NullMarked;
