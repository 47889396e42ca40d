/** The settings of the service, read and checked in one place. */
@NullMarked
package io.tradesync.examples.service.settings;

import org.jspecify.annotations.NullMarked;
