using System;
using System.Collections.Concurrent;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>How long a client, its code and the application's functions live.</summary>
public sealed class LifetimeTests : EmulatorFixture
{
    [Test]
    public async Task AClientIsCollectedThoughItsListenerAndItsSourceReachIt()
    {
        Forget();
        await ForgottenOnesAreCollected();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget() => new Holder().Client.GetUsers();
    }

    [Test]
    public async Task DisposeAsyncWaitsForTheLastCallback()
    {
        await Emulator.FaultAsync(new { path = "*/Users*", delayMs = 25_000, times = 1_000 });
        var holder = new Holder();
        var client = holder.Client;
        var call = client.GetUsersAsync();
        await Emulator.ArrivedAsync(1);
        await client.DisposeAsync();
        Assert.That((PendingCall.Count, KeyCallbacks.Count), Is.EqualTo((0, 0)));
        Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        await client.DisposeAsync();
    }

    [Test]
    public async Task ASourceIsToldThatNobodyNeedsItsAnswerAndMayDisposeItsClient()
    {
        using var asked = new SemaphoreSlim(0);
        var options = Emulator.Options();
        options.ApiKey = null;
        AgglestoneClient? client = null;
        options.ApiKeySource = async token =>
        {
            using var registration = token.Register(() => throw new InvalidOperationException("planted"));
            asked.Release();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                // Within a callback this must not wait for that callback.
                await client!.DisposeAsync();
                throw;
            }

            return new ApiKeys("never");
        };
        client = new AgglestoneClient(options);
        var call = client.GetUsersAsync();
        await asked.WaitAsync();
        await client.DisposeAsync();
        Assert.That(KeyCallbacks.Count, Is.Zero);
        Assert.CatchAsync(() => call);
    }

    [Test]
    public async Task WhatAListenerThrowsIsSeenByNobody()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs happened) => unobserved.Enqueue(happened.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            using var told = new CountdownEvent(3);
            Tell(told);
            Assert.That(told.Wait(Emulator.Patience));
            await ForgottenOnesAreCollected();
            for (var round = 0; round < 3; round++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.That(unobserved, Has.None.Matches<Exception>(problem => problem.ToString().Contains("planted")));
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Tell(CountdownEvent told)
        {
            var options = Emulator.Options();
            options.OnApiKeyEvent = _ =>
            {
                told.Signal();
                throw new InvalidOperationException("planted");
            };
            using var client = new AgglestoneClient(options);
            foreach (var key in new[] { Emulator.SecondaryKey, Emulator.PrimaryKey, Emulator.SecondaryKey })
            {
                client.SetApiKeys(key);
            }
        }
    }

    [TestCase(false, "in place of a task")]
    [TestCase(true, "in place of keys")]
    public void ASourceThatAnswersNothingIsNamed(bool task, string why)
    {
        var options = Emulator.Options();
        options.ApiKey = null;
        options.ApiKeySource = _ => task ? Task.FromResult<ApiKeys>(null!) : null!;
        using var client = new AgglestoneClient(options);
        Assert.That(Assert.CatchAsync<AgglestoneException>(() => client.GetUsersAsync())!.Message, Does.Contain("ApiKeySource answered null").And.Contain(why));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task APluginIsUnloadedAfterTheLastCallbackIntoIt(bool dispose)
    {
        using var host = Settings.CreateClient(Emulator.Options());
        using var dispatcher = new BlockedDispatcher(host);
        await Emulator.FaultAsync(new { path = "*/Users*", delayMs = 300, times = 1_000 });
        var plugin = Use(dispose);
        for (var round = 0; round < 10; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(plugin.IsAlive, "its callbacks are still to come");
        dispatcher.Dispose();
        await Emulator.UntilAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Task.FromResult(!plugin.IsAlive);
            },
            "the plugin to be unloaded");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Use(bool dispose)
        {
            var plugin = new Plugin();
            var code = plugin.LoadFromStream(new MemoryStream(File.ReadAllBytes(typeof(AgglestoneClient).Assembly.Location)));
            var options = Activator.CreateInstance(code.GetType(typeof(AgglestoneClientOptions).FullName!)!)!;
            foreach (var (name, value) in new[] { ("TenantId", Emulator.TenantId), ("ApiKey", Emulator.PrimaryKey), ("BaseUrl", Emulator.Url) })
            {
                options.GetType().GetProperty(name)!.SetValue(options, value);
            }

            var client = (IDisposable)Activator.CreateInstance(code.GetType(typeof(AgglestoneClient).FullName!)!, options)!;
            var start = client.GetType().GetMethod(nameof(AgglestoneClient.GetUsersAsync))!;
            for (var call = 0; call < 20; call++)
            {
                start.Invoke(client, [1, 10, CancellationToken.None]);
            }

            if (dispose)
            {
                client.Dispose();
            }

            plugin.Unload();
            return new WeakReference(plugin);
        }
    }

    private sealed class Plugin() : AssemblyLoadContext(isCollectible: true)
    {
        // Everything but the package itself is the host's.
        protected override Assembly? Load(AssemblyName assemblyName) => null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            NativeLibrary.Load(unmanagedDllName, typeof(AgglestoneClient).Assembly, null);
    }

    // One thread tells the ends of all calls of the process: while it waits here, the others' are still to come.
    private sealed unsafe class BlockedDispatcher : IDisposable
    {
        private static readonly SemaphoreSlim Entered = new(0);
        private static readonly SemaphoreSlim Go = new(0);
        private bool released;

        internal BlockedDispatcher(ClientHandle client)
        {
            using var operation = Operation.GetUsers(1, 1);
            using var scope = new ClientHandle.Scope(client);
            nint error = 0;
            NativeError.Check(NativeMethods.agg_client_start(scope.Handle, operation.Handle, &Block, 0, null, &error), error);
            Assert.That(Entered.Wait(Emulator.Patience));
        }

        public void Dispose()
        {
            if (!released)
            {
                released = true;
                Go.Release();
            }
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static void Block(nint id, nint reply, nint error)
        {
            NativeMethods.agg_reply_free(reply);
            NativeMethods.agg_error_free(error);
            Entered.Release();
            Go.Wait();
        }
    }

    // As applications are: the object that has the client has its listener and its source too.
    private sealed class Holder
    {
        internal Holder()
        {
            Options = Emulator.Options();
            Options.OnApiKeyEvent = Told;
            Options.ApiKeySource = AskedAsync;
            Client = new AgglestoneClient(Options);
        }

        internal AgglestoneClientOptions Options { get; }

        internal AgglestoneClient Client { get; }

        private void Told(ApiKeyEvent happened) => Client.KeyUsage();

        private Task<ApiKeys> AskedAsync(CancellationToken token) =>
            Task.FromResult(new ApiKeys(Client is null ? "none" : Emulator.PrimaryKey));
    }
}
