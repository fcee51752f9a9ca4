package io.millrace;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which version of the schema this Millrace brings, by the names of the files that come along. */
final class NewestMigration {
  private static final String FOLDER = "/db/migration";
  private static final Pattern NAME = Pattern.compile("V(\\d+)(?:[._]\\d+)*__.*\\.sql");

  private NewestMigration() {}

  /** The highest number, 0 if there is none. */
  static int version() {
    URL folder = NewestMigration.class.getResource(FOLDER);
    if (folder == null) {
      return 0;
    }
    try {
      URI uri = folder.toURI();
      if (!uri.getScheme().equals("jar")) {
        return newest(Path.of(uri));
      }
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        return newest(jar.getPath(FOLDER));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("migrations cannot be listed", e);
    }
  }

  private static int newest(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> NAME.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToInt(name -> Integer.parseInt(name.group(1)))
          .max()
          .orElse(0);
    }
  }
}
