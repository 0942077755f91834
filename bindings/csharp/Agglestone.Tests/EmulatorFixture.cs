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

    // What earlier tests left behind: one test's leak must not fail the tests after it.
    private static (nuint Handles, int Calls, int Callbacks) leaked;

    private static (nuint Handles, int Calls, int Callbacks) Living =>
        (NativeMethods.agg_live_handles(), PendingCall.Count, KeyCallbacks.Count);

    [SetUp]
    public Task Reset() => Emulator.ResetAsync();

    [TearDown]
    public async Task NothingNativeIsLeft()
    {
        try
        {
            // The library lets go of a finished call on its own thread, perhaps a moment after the caller has the result.
            await Emulator.UntilAsync(() => Task.FromResult(Living == leaked), "live handles to be 0");
        }
        catch (TimeoutException)
        {
            leaked = Living;
            throw;
        }
    }

    /// <summary>Returns when finalizers have freed everything; for tests that leave something to them.</summary>
    protected static Task ForgottenOnesAreCollected() => Emulator.UntilAsync(
        () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Task.FromResult(Living == leaked);
        },
        "the collector to free what was forgotten");
}
