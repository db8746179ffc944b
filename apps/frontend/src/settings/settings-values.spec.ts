import { chosenAfter, defaultSettings, settingsInForce, validityDaysOf } from './settings-values';

const defaults = defaultSettings({ siteName: 'Site' });

describe('settings', () => {
  it('stand over their defaults', () => {
    expect(settingsInForce(defaults, { announcement: 'x' })).toEqual({ ...defaults, announcement: 'x' });
  });

  it('are left alone by a change that does not name them, or names them without a value', () => {
    const chosen = { announcement: 'x', renewal_overlap_hours: 1 };
    expect(chosenAfter(chosen, {})).toEqual(chosen);
    expect(chosenAfter(chosen, { announcement: undefined })).toEqual(chosen);
  });

  it.each([
    [null, null, null],
    [30, null, 30],
    [30, 60, 30],
    [null, 60, 60],
  ])('with the default %j and the most %j ask for a validity of %j days', (ofDefault, most, asked) => {
    const values = { ...defaults, default_validity_days: ofDefault, max_validity_days: most };
    expect(validityDaysOf(values)).toBe(asked);
  });

  it('go back to their default by null', () => {
    expect(chosenAfter({ announcement: 'x', renewal_overlap_hours: 1 }, { announcement: null })).toEqual({
      renewal_overlap_hours: 1,
    });
  });

  it('that this version does not know stay stored and out of sight', () => {
    const stored = { of_tomorrow: 1, renewal_overlap_hours: 2 };
    expect(chosenAfter(stored, { announcement: 'x' })).toEqual({ ...stored, announcement: 'x' });
    expect(settingsInForce(defaults, stored)).toEqual({ ...defaults, renewal_overlap_hours: 2 });
  });
});
