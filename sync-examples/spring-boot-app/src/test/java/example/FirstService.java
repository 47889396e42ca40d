package example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class FirstService {
  public static void main(String... arguments) {
    SpringApplication.run(FirstService.class, arguments);
  }
}
