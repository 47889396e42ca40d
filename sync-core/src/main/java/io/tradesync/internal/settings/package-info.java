/** The settings of an engine, as values. */
@NullMarked
package io.tradesync.internal.settings;

import org.jspecify.annotations.NullMarked;
