/** Breaks what the library stands on, and looks whether anything was lost or counted twice. */
package io.tradesync.examples.service.fault;
