import { UpstreamRefused, UpstreamUnavailable } from '@libs/contracts';
import { Logger } from '@nestjs/common';
import { EntryRefused, uselessRefusal } from './entry-refused';

const refusal = (status: number) => new UpstreamRefused('certtransparency', status, 'invalid_entry', 'why', {});
const meant = (status: number) => () => {
  throw uselessRefusal(refusal(status), 'revoked');
};

describe('a refusal by the log', () => {
  const alarm = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
  afterEach(() => alarm.mockClear());
  afterAll(() => alarm.mockRestore());

  it.each([400, 413, 422])('of an entry that is not valid (%d) is final, and somebody is told', (status) => {
    expect(meant(status)).toThrow(EntryRefused);
    expect(new EntryRefused(refusal(status))).toMatchObject({ status: 502, retryAfterSeconds: undefined });
    const said = { msg: 'log refused an entry', type: 'revoked', status, code: 'invalid_entry' };
    expect(alarm).toHaveBeenCalledWith(expect.objectContaining(said));
  });

  it.each([404, 405, 409])('of anything else (%d) may pass', (status) => {
    expect(meant(status)).toThrow(UpstreamUnavailable);
    expect(alarm).not.toHaveBeenCalled();
  });
});
