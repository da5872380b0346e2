/**
 * Kinds of device that can hold the addresses, the usual one first. All that is asked of one: it stays down and sends
 * nothing, and the addresses on it are addresses of this node all the same.
 *
 * Tried on Linux 6.18 and 6.1, down, without a queue, with a /32 and a /128 without duplicate address detection, UDP and TCP,
 * from the node itself and from a network namespace routed through it: all four answer alike. What differs is what
 * `ip addr` shows beside the device: veth has a second end of a name that the kernel chooses, and goes with it.
 */
export const DEVICE_KINDS = ['dummy', 'ifb', 'bridge', 'veth'] as const;
