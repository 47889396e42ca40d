import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Checks a directory in the layout of a Maven repository by the rules that Maven Central checks
 * before it publishes: {@code java CentralRules.java DIRECTORY VERSION}. Exits with 1 if a rule is
 * broken, or if there is nothing to check.
 */
final class CentralRules {

  private static final Map<String, String> CHECKSUMS = Map.of("md5", "MD5", "sha1", "SHA-1");

  private final Path root;
  private final String version;
  private final List<String> faults = new ArrayList<>();

  private CentralRules(Path root, String version) {
    this.root = root;
    this.version = version;
  }

  public static void main(String... arguments) throws Exception {
    CentralRules rules = new CentralRules(Path.of(arguments[0]), arguments[1]);
    int modules = rules.check();
    rules.faults.forEach(System.err::println);
    System.out.printf("%d modules, %d faults%n", modules, rules.faults.size());
    System.exit(modules > 0 && rules.faults.isEmpty() ? 0 : 1);
  }

  private int check() throws Exception {
    if (version.endsWith("-SNAPSHOT")) {
      faults.add(version + " is no version of a release");
    }
    Map<Path, List<Path>> modules;
    try (Stream<Path> files = Files.walk(root)) {
      modules =
          files
              .filter(Files::isRegularFile)
              .collect(Collectors.groupingBy(Path::getParent, TreeMap::new, Collectors.toList()));
    }
    Set<String> published =
        modules.keySet().stream()
            .map(directory -> directory.getParent().getFileName().toString())
            .collect(Collectors.toSet());
    for (Map.Entry<Path, List<Path>> module : modules.entrySet()) {
      checkFiles(module.getKey(), module.getValue());
      checkPom(module.getKey(), published);
    }
    return modules.size();
  }

  private void checkFiles(Path directory, List<Path> files) throws Exception {
    String artifact = directory.getParent().getFileName().toString();
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (!name.startsWith(artifact + "-" + version)) {
        faults.add(file + " is not named " + artifact + "-" + version);
      }
      if (name.endsWith(".asc") || CHECKSUMS.keySet().stream().anyMatch(name::endsWith)) {
        continue;
      }
      if (!Files.exists(directory.resolve(name + ".asc"))) {
        faults.add(file + " is not signed");
      }
      for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
        Path said = directory.resolve(name + "." + checksum.getKey());
        String is = digest(file, checksum.getValue());
        if (!Files.exists(said) || !Files.readString(said).strip().equals(is)) {
          faults.add(said + " is missing, or of another file");
        }
      }
    }
  }

  private static String digest(Path file, String algorithm) throws Exception {
    byte[] digest = MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }

  private void checkPom(Path directory, Set<String> published) throws Exception {
    String artifact = directory.getParent().getFileName().toString();
    Path file = directory.resolve(artifact + "-" + version + ".pom");
    if (!Files.exists(file)) {
      faults.add(file + " is missing");
      return;
    }
    Element pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    must(file, pom, "artifactId", artifact);
    must(file, pom, "version", version);
    must(
        file,
        pom,
        "groupId",
        root.relativize(directory.getParent().getParent()).toString().replace('/', '.'));
    for (String field :
        List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/connection",
            "scm/developerConnection",
            "scm/url",
            "issueManagement/url")) {
      if (text(pom, field).isBlank()) {
        faults.add(file + " has no " + field);
      }
    }
    for (String field : List.of("parent", "repositories", "pluginRepositories")) {
      if (find(pom, field) != null) {
        faults.add(file + " has " + field);
      }
    }
    checkDependencies(file, pom, published);
    if (text(pom, "packaging").isEmpty() || text(pom, "packaging").equals("jar")) {
      for (String classifier : List.of("", "-sources", "-javadoc")) {
        checkJar(directory.resolve(artifact + "-" + version + classifier + ".jar"));
      }
    }
    if (!Files.exists(directory.resolve(artifact + "-" + version + "-cyclonedx.json"))) {
      faults.add(file + " has no SBOM beside it");
    }
  }

  private void checkDependencies(Path file, Element pom, Set<String> published) {
    NodeList dependencies = pom.getElementsByTagName("dependency");
    for (int i = 0; i < dependencies.getLength(); i++) {
      Element dependency = (Element) dependencies.item(i);
      String named = text(dependency, "version").replace("${project.version}", version);
      if (named.isBlank() || named.contains("$") || named.endsWith("-SNAPSHOT")) {
        faults.add(
            file + " depends on version '" + named + "' of " + text(dependency, "artifactId"));
      }
      boolean ours = text(dependency, "groupId").equals(text(pom, "groupId"));
      if (ours && !published.contains(text(dependency, "artifactId"))) {
        faults.add(
            file + " depends on " + text(dependency, "artifactId") + ", which is not published");
      }
    }
  }

  private void checkJar(Path jar) throws IOException {
    if (!Files.exists(jar)) {
      faults.add(jar + " is missing");
      return;
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      if (zip.stream().noneMatch(entry -> entry.getName().matches(".*\\.(class|java|html)"))) {
        faults.add(jar + " is empty");
      }
    }
  }

  private void must(Path file, Element pom, String field, String value) {
    if (!text(pom, field).equals(value)) {
      faults.add(file + ": " + field + " must be " + value);
    }
  }

  private static String text(Element parent, String path) {
    Element found = find(parent, path);
    return found == null ? "" : found.getTextContent().strip();
  }

  private static Element find(Element parent, String path) {
    Element at = parent;
    for (String name : path.split("/")) {
      Element next = null;
      for (Node child = at.getFirstChild(); child != null; child = child.getNextSibling()) {
        if (next == null && child instanceof Element element && element.getTagName().equals(name)) {
          next = element;
        }
      }
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at;
  }
}
