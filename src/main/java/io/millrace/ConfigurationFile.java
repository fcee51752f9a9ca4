package io.millrace;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files of the configuration, and says in one sentence why one cannot be read. */
final class ConfigurationFile {
  private static final long LONGEST = 1 << 20;
  private static final long LONGEST_SECRET = 64 << 10;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private ConfigurationFile() {}

  static ObjectNode emptyObject() {
    return MAPPER.createObjectNode();
  }

  /** A document that is part of the jar. */
  static JsonNode resource(String name) {
    try (InputStream in = ConfigurationFile.class.getResourceAsStream(name)) {
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  /** What a text says in JSON, or the text itself if it is none. */
  static JsonNode parsed(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(text);
    }
  }

  /** A file named by an operator. */
  static JsonNode read(Path file) {
    String text = text(file, "configuration", LONGEST);
    try {
      JsonNode document = MAPPER.readTree(text);
      if (document.isMissingNode()) {
        throw new ExitException("Configuration refused: " + file + " is empty");
      }
      return document;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new ExitException(
          "Configuration refused: %s, line %d, column %d: not JSON: %s"
              .formatted(file, at.getLineNr(), at.getColumnNr(), firstLine(e)));
    }
  }

  /** A secret in a file of its own, without the line end that editors add. */
  static String secret(Path file, String what) {
    String text = text(file, what, LONGEST_SECRET).strip();
    if (text.isEmpty()) {
      throw new ExitException("The " + what + " file " + file + " is empty");
    }
    return text;
  }

  private static String text(Path file, String what, long longest) {
    String name = "The " + what + " file " + file;
    try {
      if (!Files.exists(file)) {
        throw new ExitException(name + " does not exist");
      }
      if (Files.isDirectory(file)) {
        throw new ExitException(name + " is a directory");
      }
      if (!Files.isReadable(file)) {
        throw new ExitException(name + " cannot be read: permission denied");
      }
      if (Files.size(file) > longest) {
        throw new ExitException(name + " is longer than " + longest + " bytes");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ExitException(name + " is not UTF-8 text");
    } catch (IOException e) {
      throw new ExitException(name + " cannot be read: " + e.getMessage());
    }
  }

  /** The parser quotes what it stumbled over; that could be a part of a secret, so it is cut. */
  private static String firstLine(JsonProcessingException e) {
    String text = e.getOriginalMessage().lines().findFirst().orElse("");
    if (!text.startsWith("Duplicate")) {
      text = text.replaceAll("'[^']{2,}'", "'…'");
    }
    return Redaction.text(text.length() > 160 ? text.substring(0, 160) + "…" : text);
  }
}
