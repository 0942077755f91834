using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class ErrorTests : EmulatorFixture
{
    [Test]
    public async Task ARefusalCarriesEverythingTheServiceSaid()
    {
        await Emulator.FaultAsync(new
        {
            path = "*/Users/*",
            times = 50,
            status = 429,
            headers = new System.Collections.Generic.Dictionary<string, string> { ["Retry-After"] = "120", ["X-Request-Id"] = "req-42" },
            body = new { detail = "Later, please." },
        });
        using var client = Emulator.NewClient();
        var problem = Assert.ThrowsAsync<AgglestoneRateLimitedException>(() => client.GetUserAsync(Amelia))!;
        Assert.That(problem, Is.InstanceOf<AgglestoneApiException>().And.InstanceOf<AgglestoneException>());
        Assert.That(problem.Code, Is.EqualTo(AgglestoneErrorCode.RateLimited));
        Assert.That((problem.HttpStatus, problem.RequestId), Is.EqualTo(((int?)429, "req-42")));
        Assert.That(problem.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(120)));
        Assert.That(problem.IsRetryable);
        Assert.That(problem.ServiceMessage, Is.EqualTo("Later, please."));
        Assert.That(problem.Attempts, Is.GreaterThan(0));
    }

    [Test]
    public void WhatTheServiceDidNotSayIsNull()
    {
        var options = Emulator.Options();
        options.BaseUrl = "http://127.0.0.1:1";
        using var client = new AgglestoneClient(options);
        var problem = Assert.Throws<AgglestoneTransportException>(() => client.GetUsers())!;
        Assert.That((problem.HttpStatus, problem.RequestId, problem.RetryAfter, problem.ServiceMessage),
            Is.EqualTo(((int?)null, (string?)null, (TimeSpan?)null, (string?)null)));
        Assert.That((problem.Code, problem.IsRetryable), Is.EqualTo((AgglestoneErrorCode.Connect, true)));
    }

    [Test]
    public void ArgumentsAreNamedAsInCSharp()
    {
        using var client = Emulator.NewClient();
        var size = Assert.ThrowsAsync<AgglestoneArgumentException>(() => client.GetUsersAsync(pageSize: 101))!;
        Assert.That((size.ParamName, size.Code), Is.EqualTo(("pageSize", AgglestoneErrorCode.InvalidArgument)));
        Assert.That(size.Message, Does.Contain("`pageSize`"));
        Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.GetUser(".."))!.ParamName, Is.EqualTo("userId"));
        Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.GetToken("\ud800"))!.ParamName, Is.EqualTo("userId"));
        Assert.That(Assert.Throws<AgglestoneArgumentException>(() => client.GetUser(new string('x', 100_000)))!.ParamName, Is.EqualTo("userId"));
    }

    [Test]
    public void NullIsAnArgumentNullException()
    {
        using var client = Emulator.NewClient();
        Assert.ThrowsAsync<ArgumentNullException>(() => client.GetUserAsync(null!));
        Assert.Throws<ArgumentNullException>(() => client.ExchangeApiKeyForToken(null!));
        Assert.ThrowsAsync<ArgumentNullException>(() => client.RequestAsync(null!));
        Assert.ThrowsAsync<ArgumentNullException>(() => client.RequestAsync(System.Net.Http.HttpMethod.Get, null!));
    }

    [Test]
    public void TheConfigurationIsRefusedWithEveryProblemInTheNamesOfTheOptions()
    {
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(new AgglestoneClientOptions
        {
            TenantId = "../other",
            ApiKey = "",
            BaseUrl = "http://evil.example",
            ConnectTimeout = TimeSpan.Zero,
            Deadline = Timeout.InfiniteTimeSpan,
        }))!;
        Assert.That(problem.Code, Is.EqualTo(AgglestoneErrorCode.InvalidConfig));
        foreach (var name in new[] { "`TenantId`", "`ApiKey`", "`BaseUrl`", "`ConnectTimeout`", "`Deadline`", "`AllowInsecureHttp`" })
        {
            Assert.That(problem.Message, Does.Contain(name));
        }

        Assert.That(problem.Problems.Select(one => one.Option), Is.EqualTo(new[] { "TenantId", "ApiKey", "BaseUrl", "ConnectTimeout", "Deadline" }));
        Assert.That(problem.Problems[2].Reason, Does.Contain("`AllowInsecureHttp`"));
        Assert.That(problem.Problems, Is.All.Matches<AgglestoneConfigurationProblem>(one => problem.Message.Contains($"`{one.Option}` {one.Reason}")));
    }

    [Test]
    public async Task ATimeoutHasATimeoutExceptionInside()
    {
        await Emulator.FaultAsync(new { path = "*/Users", times = 50, delayMs = 20_000 });
        var options = Emulator.Options();
        options.Deadline = TimeSpan.FromMilliseconds(200);
        using var client = new AgglestoneClient(options);
        var problem = Assert.ThrowsAsync<AgglestoneTransportException>(() => client.GetUsersAsync())!;
        Assert.That(problem.Code, Is.EqualTo(AgglestoneErrorCode.Timeout));
        Assert.That(problem.InnerException, Is.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task APanicInTheLibraryIsAnExceptionAndTheClientGoesOn()
    {
        using var client = Emulator.NewClient();
        using var panic = Operation.TestingPanic();
        for (var i = 0; i < 3; i++)
        {
            var problem = Assert.ThrowsAsync<AgglestoneInternalException>(() => client.RunAsync(panic, CancellationToken.None))!;
            Assert.That(problem.Code, Is.EqualTo(AgglestoneErrorCode.Panic));
            Assert.Throws<AgglestoneInternalException>(() => client.Run(panic, CancellationToken.None));
        }

        Assert.That((await client.GetUsersAsync()).Data, Has.Count.EqualTo(10));
    }
}
