/** Breaks what the library stands on, and checks whether anything was lost or counted twice. */
package io.tradesync.examples.service.fault;
