using System;
using System.Threading.Tasks;

using Agglestone.Native;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>Starts every test with a fresh emulator and ends it with the promise that nothing native is left.</summary>
public abstract class EmulatorFixture
{
    /// <summary>A seeded user.</summary>
    protected const string Amelia = "b95816fe-f4ab-49ac-889a-e6a161005339";

    [SetUp]
    public Task Reset() => Emulator.ResetAsync();

    [TearDown]
    public async Task NothingNativeIsLeft()
    {
        try
        {
            // The library lets go of a finished call on its own thread, perhaps a moment after the caller has the result.
            await Emulator.UntilAsync(() => Task.FromResult(NothingLives()), "live handles to be 0");
        }
        catch (TimeoutException)
        {
            // One test's leak must not fail the tests after it.
            await ForgottenOnesAreCollected();
            throw;
        }
    }

    /// <summary>Returns when finalizers have freed everything; for tests that leave something to them.</summary>
    protected static Task ForgottenOnesAreCollected() => Emulator.UntilAsync(
        () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Task.FromResult(NothingLives());
        },
        "the collector to free what was forgotten");

    private static bool NothingLives() =>
        NativeMethods.agg_live_handles() == 0 && PendingCall.Count == 0 && KeyCallbacks.Count == 0;
}
