/** Deciding which trades a run repairs, and reading them. */
@NullMarked
package io.tradesync.internal.plan;

import org.jspecify.annotations.NullMarked;
