import { Attempt } from '../../../../image/plugin/forward/attempt';

test('an attempt that is used again remembers nothing of the question before, but its memory for the order', () => {
  const attempt = new Attempt();
  const fresh = { ...new Attempt(), order: [2, 0, 1] };
  Object.assign(attempt, { next: 2, down: 1, failures: 3, failovers: 1, error: 'EOF', server: {}, overTcp: true });
  attempt.order.push(2, 0, 1);
  attempt.begin(5_000, false, 7);
  expect({ ...attempt }).toEqual({ ...fresh, deadlineMs: 5_000, pendingKey: 7 });
});
