using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>What an application's own tests do without a service: a substitute for the client, and whatever it answers.</summary>
public sealed class SubstituteTests
{
    [Test]
    public async Task AnApplicationIsTestedWithASubstituteForTheClient()
    {
        AgglestoneClient client = new FakeClient();
        Assert.That(await AddressesAsync(client), Is.EqualTo(new[] { "a@example.com", "b@example.com" }));
        Assert.That((await client.GetTokenAsync("u-1")).Value, Is.EqualTo("token of u-1"));
        Assert.That(client.AsUser("u-2").UserId, Is.EqualTo("u-2"));
        Assert.That(client.With(new() { MaxRetries = 0 }), Is.SameAs(client));
        var problem = Assert.ThrowsAsync<AgglestoneNotFoundException>(() => client.GetUserAsync("nobody"))!;
        Assert.That((problem.Code, problem.HttpStatus), Is.EqualTo((AgglestoneErrorCode.NotFound, (int?)404)));
        client.Dispose();
        await client.DisposeAsync();
    }

    [Test]
    public void WhatASubstituteDoesNotOverrideSaysSo()
    {
        var client = new FakeClient();
        foreach (var call in new Action[]
        {
            () => client.GetUsers(), () => client.KeyUsage(), () => client.ForgetTokens(), () => client.CheckApiKeys(),
            () => client.AsUser("u").GetUser("v"),
        })
        {
            Assert.That(Assert.Throws<InvalidOperationException>(() => call())!.Message, Does.Contain("override"));
        }
    }

    [Test]
    public void EveryMemberThatAsksOrAnswersCanBeOverridden()
    {
        foreach (var type in new[] { typeof(AgglestoneClient), typeof(AgglestoneTenantCalls), typeof(AgglestoneUserClient), typeof(AgglestoneCalls) })
        {
            var fixedOnes = type.GetMethods().Where(method => method.DeclaringType!.Namespace == nameof(Agglestone) && (!method.IsVirtual || method.IsFinal));
            Assert.That(fixedOnes.Select(method => method.Name), Is.SubsetOf(new[] { "Dispose", "DisposeAsync" }), type.Name);
            Assert.That(type.IsSealed, Is.False);
        }
    }

    [Test]
    public void ErrorsCanBeMadeWithEverythingThatTheServiceMaySay()
    {
        var problem = (AgglestoneRateLimitedException)AgglestoneModelFactory.Error(
            AgglestoneErrorCode.RateLimited, "later", 429, "req-1", TimeSpan.FromSeconds(3), isRetryable: true, "Later, please.", attempts: 2);
        Assert.That((problem.HttpStatus, problem.RequestId, problem.RetryAfter), Is.EqualTo(((int?)429, "req-1", (TimeSpan?)TimeSpan.FromSeconds(3))));
        Assert.That((problem.Message, problem.IsRetryable, problem.ServiceMessage, problem.Attempts), Is.EqualTo(("later", true, "Later, please.", 2)));
        foreach (var code in Enum.GetValues<AgglestoneErrorCode>())
        {
            Assert.That(AgglestoneModelFactory.Error(code), Is.Not.Null);
        }

        foreach (var type in typeof(AgglestoneException).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Exception))))
        {
            Assert.That(type.IsAssignableTo(typeof(IAgglestoneError)), type.Name);
            Assert.That(type.GetConstructors(), Is.Not.Empty, type.Name);
        }
    }

    [Test]
    public void AnArgumentExceptionIsOneOfDotNets()
    {
        var problem = new AgglestoneArgumentException("`userId` is empty", "userId");
        Assert.That(problem, Is.InstanceOf<ArgumentException>().And.InstanceOf<IAgglestoneError>());
        Assert.That((problem.Message, problem.ParamName, problem.Code), Is.EqualTo(("`userId` is empty", "userId", AgglestoneErrorCode.InvalidArgument)));
    }

    [Test]
    public void AResponseCanBeMade()
    {
        var response = AgglestoneModelFactory.Response(
            HttpStatusCode.Created, """{"userId": "u"}""", new Dictionary<string, string> { ["x-request-id"] = "req-1" });
        Assert.That((response.StatusCode, response.RequestId, response.ReadAsJson(AgglestoneJson.User)!.UserId), Is.EqualTo((HttpStatusCode.Created, "req-1", "u")));
    }

    [Test]
    public async Task PagesCanBeMadeAndTakenUpAnywhere()
    {
        var users = AgglestoneModelFactory.Pageable(
            AgglestoneModelFactory.Page([AgglestoneModelFactory.User("u")], nextPage: 2), AgglestoneModelFactory.Page([AgglestoneModelFactory.User("v")], 2));
        var seen = new List<string>();
        await foreach (var user in users)
        {
            seen.Add(user.UserId);
        }

        await foreach (var page in users.AsPages(first: 2))
        {
            seen.Add($"page {page.PageNumber}");
        }

        Assert.That(seen, Is.EqualTo(new[] { "u", "v", "page 2" }));
    }

    private static async Task<List<string>> AddressesAsync(AgglestoneClient client)
    {
        var addresses = new List<string>();
        await foreach (var user in client.IterateUsersAsync())
        {
            addresses.Add(user.Email!);
        }

        return addresses;
    }

    private sealed class FakeClient : AgglestoneClient
    {
        public override Task<Page<User>> GetUsersAsync(int pageNumber = 1, int pageSize = 10, CancellationToken cancellationToken = default) =>
            Task.FromResult(AgglestoneModelFactory.Page(
                [AgglestoneModelFactory.User($"u-{pageNumber}", email: pageNumber == 1 ? "a@example.com" : "b@example.com")],
                pageNumber,
                nextPage: pageNumber == 1 ? 2 : null));

        public override Task<User> GetUserAsync(string userId, CancellationToken cancellationToken = default) =>
            throw new AgglestoneNotFoundException("no such user");

        public override Task<UserToken> GetTokenAsync(string userId, CancellationToken cancellationToken = default) =>
            Task.FromResult(AgglestoneModelFactory.UserToken($"token of {userId}"));

        public override AgglestoneTenantCalls With(AgglestoneCallOptions options) => this;
    }
}
