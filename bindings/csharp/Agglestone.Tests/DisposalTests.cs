using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class DisposalTests : EmulatorFixture
{
    private static readonly object Slow = new { path = "*/Users*", delayMs = 25_000, times = 1_000 };

    [Test]
    public async Task ADisposedClientAnswersNothing()
    {
        var client = Emulator.NewClient();
        await client.GetUsersAsync();
        client.Dispose();
        await client.DisposeAsync();
        client.Dispose();
        var problem = Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetUsersAsync())!;
        Assert.That(problem.ObjectName, Is.EqualTo(nameof(AgglestoneClient)));
        Assert.Throws<ObjectDisposedException>(() => client.GetUser(Amelia));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task DisposingEndsCallsUnderWayAlsoBlockingOnes()
    {
        await Emulator.FaultAsync(Slow);
        await using var client = Emulator.NewClient();
        var calls = Enumerable.Range(0, 5).Select(_ => (Task)client.GetUsersAsync())
            .Concat(Enumerable.Range(0, 3).Select(_ => (Task)Task.Factory.StartNew(() => client.GetUser(Amelia), TaskCreationOptions.LongRunning)))
            .ToArray();
        await Emulator.ArrivedAsync(calls.Length);
        client.Dispose();
        foreach (var call in calls)
        {
            Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        }
    }

    [Test]
    public async Task DisposingAtAnyMomentCrashesNothing()
    {
        for (var round = 0; round < 30; round++)
        {
            var client = Emulator.NewClient();
            var calls = Enumerable.Range(0, 20).Select(index => Task.Run(async () =>
            {
                try
                {
                    return (index % 2 == 0 ? await client.GetUsersAsync() : client.GetUsers()).Data.Count == 10;
                }
                catch (ObjectDisposedException problem)
                {
                    return problem.ObjectName == nameof(AgglestoneClient);
                }
            })).ToArray();
            await Task.Delay(round % 10);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(client.Dispose)));
            Assert.That(await Task.WhenAll(calls), Is.All.True);
        }
    }

    [Test]
    public async Task AForgottenClientIsFreedByTheCollector()
    {
        Forget();
        await ForgottenOnesAreCollected();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget() => Emulator.NewClient().GetUsers();
    }

    [Test]
    public async Task ACallUnderWayKeepsItsClientAlive()
    {
        await Emulator.FaultAsync(new { path = "*/Users*", delayMs = 300, times = 2 });
        var calls = new[] { Start(), Task.Run(Block) };
        await Emulator.ArrivedAsync(2);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That((await Task.WhenAll(calls)).Select(page => page.Data.Count), Is.All.EqualTo(10));
        await ForgottenOnesAreCollected();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Task<Page<User>> Start() => Emulator.NewClient().GetUsersAsync();

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        static Page<User> Block() => Emulator.NewClient().GetUsers();
    }
}
