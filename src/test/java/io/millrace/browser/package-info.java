/** A real browser for tests, driven over the protocol of its own developer tools. */
package io.millrace.browser;
