/** The service: its settings, and how its parts are put together. */
@NullMarked
package io.tradesync.examples.service;

import org.jspecify.annotations.NullMarked;
