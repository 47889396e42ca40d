package example;

import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;

/**
 * Stops a request between the moment from which a graceful shutdown of Tomcat no longer waits for
 * it and the one in which Tomcat sends what is left of its answer.
 */
class LateRequestEnd implements ServletRequestListener {

  @Override
  public void requestDestroyed(ServletRequestEvent event) {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
