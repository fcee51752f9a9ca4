package io.millrace.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;

/** Finds an attachment in a stored payload. Takes its time: not for event loops. */
final class StoredAttachments {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int DEEPEST = 100;

  /**
   * An attachment as the payload has it.
   *
   * @param given its bytes, if Google gave them with the message, else null
   */
  @SuppressWarnings("ArrayRecordComponent") // Taken apart at once.
  record Found(Attachment attachment, byte[] given) {}

  private StoredAttachments() {}

  /**
   * The attachment at a place in the message.
   *
   * @param payload zlib-deflated JSON
   */
  static Optional<Found> find(byte[] payload, String partId) {
    byte[] json;
    try (Inflate inflate = new Inflate()) {
      json = inflate.of(payload);
    }
    return AttachmentList.of(PayloadReader.read(json, new Flaws()), new Flaws()).stream()
        .filter(a -> a.partId().equals(partId))
        .findFirst()
        .map(a -> new Found(a, a.attachmentId() == null ? given(json, partId) : null));
  }

  private static byte[] given(byte[] json, String partId) {
    try {
      String data = data(MAPPER.readTree(json), partId, 0);
      return data == null ? null : Base64Lenient.decode(data).bytes();
    } catch (IOException e) {
      return null;
    }
  }

  private static String data(JsonNode part, String partId, int depth) {
    if (part.path("partId").asText("").equals(partId) && part.at("/body/data").isTextual()) {
      return part.at("/body/data").asText();
    }
    if (depth < DEEPEST) {
      for (JsonNode child : part.path("parts")) {
        String found = data(child, partId, depth + 1);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
