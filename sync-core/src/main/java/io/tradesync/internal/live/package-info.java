/** What live paths bring in. */
@NullMarked
package io.tradesync.internal.live;

import org.jspecify.annotations.NullMarked;
