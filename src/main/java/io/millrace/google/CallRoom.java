package io.millrace.google;

/**
 * The calls of one user that this process makes at the same time.
 *
 * @param inFlight at Google now; parts of batches count singly
 * @param most how many may be, as learnt from whether Google found too many
 */
public record CallRoom(int inFlight, int most) {}
