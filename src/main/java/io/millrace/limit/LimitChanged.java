package io.millrace.limit;

/**
 * A limit is another than before. Published on {@link LimitChanges#ADDRESS}.
 *
 * @param what which limit, such as {@code concurrency:embed} or {@code memory}
 * @param old before
 * @param now from here on; for {@code memory} both are percent of what is otherwise allowed
 * @param why in a few words for a person
 */
public record LimitChanged(String what, int old, int now, String why) {}
