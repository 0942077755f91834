using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class OptionsTests : EmulatorFixture
{
    private static readonly string[] Variables =
    [
        "AGGLESTONE_TENANT_ID", "AGGLESTONE_API_KEY", "AGGLESTONE_SECONDARY_API_KEY", "AGGLESTONE_API_KEY_FILE",
        "AGGLESTONE_SECONDARY_API_KEY_FILE", "AGGLESTONE_BASE_URL", "AGGLESTONE_USERS_PATH",
        "AGGLESTONE_CA_FILE", "AGGLESTONE_ALLOW_INSECURE_HTTP",
    ];

    private readonly Dictionary<string, string?> before = [];

    [SetUp]
    public void ClearVariables()
    {
        foreach (var name in Variables)
        {
            before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [TearDown]
    public void RestoreVariables()
    {
        foreach (var (name, value) in before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Test]
    public async Task WhatAProgramPutsIntoItsEnvironmentCounts()
    {
        Environment.SetEnvironmentVariable("AGGLESTONE_TENANT_ID", Emulator.TenantId);
        Environment.SetEnvironmentVariable("AGGLESTONE_API_KEY", Emulator.SecondaryKey);
        Environment.SetEnvironmentVariable("AGGLESTONE_BASE_URL", Emulator.Url);
        Environment.SetEnvironmentVariable("AGGLESTONE_USERS_PATH", "api/users");
        using var client = new AgglestoneClient();
        await client.GetUsersAsync();
        var request = (await Emulator.RequestsAsync()).Single();
        Assert.That(request.GetProperty("keySlot").GetString(), Is.EqualTo("secondary"));
        Assert.That(request.GetProperty("path").GetString(), Does.EndWith("/api/users"));
    }

    [Test]
    public void AnEmptySecondaryKeyIsAbsent()
    {
        var options = Emulator.Options();
        options.SecondaryApiKey = "";
        using var client = new AgglestoneClient(options);
        Assert.That(client.KeyUsage().Secondary, Is.Null);

        Environment.SetEnvironmentVariable("AGGLESTONE_API_KEY", Emulator.PrimaryKey);
        Environment.SetEnvironmentVariable("AGGLESTONE_SECONDARY_API_KEY", Emulator.SecondaryKey);
        options.ApiKey = null;
        using var other = new AgglestoneClient(options);
        Assert.That(other.KeyUsage().Secondary, Is.Not.Null);
    }

    [Test]
    public async Task AnOptionComesBeforeTheEnvironmentAndAnEmptyVariableIsAbsent()
    {
        Environment.SetEnvironmentVariable("AGGLESTONE_API_KEY", "not-this-one");
        Environment.SetEnvironmentVariable("AGGLESTONE_USERS_PATH", "");
        using var client = new AgglestoneClient(Emulator.Options());
        Assert.That((await client.GetUsersAsync()).Data, Has.Count.EqualTo(10));
    }

    [Test]
    public void InsecureHttpTakesAnOptionOrAVariable()
    {
        var options = Emulator.Options();
        options.BaseUrl = "http://emulator.example";
        Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options));
        Environment.SetEnvironmentVariable("AGGLESTONE_ALLOW_INSECURE_HTTP", "TRUE");
        using (new AgglestoneClient(options))
        {
        }

        options.AllowInsecureHttp = false;
        Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options));
        Environment.SetEnvironmentVariable("AGGLESTONE_ALLOW_INSECURE_HTTP", "0");
        options.AllowInsecureHttp = true;
        using (new AgglestoneClient(options))
        {
        }
    }

    [Test]
    public void AFlagThatIsNoneIsRefusedWhereverItWasSet()
    {
        Environment.SetEnvironmentVariable("AGGLESTONE_ALLOW_INSECURE_HTTP", "maybe");
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(Emulator.Options()))!;
        Assert.That(problem.Problems.Single().Option, Is.EqualTo("AllowInsecureHttp"));
    }

    [Test]
    public void PlainHttpToAnotherMachineIsAnEvent()
    {
        using var told = new BlockingCollection<ApiKeyEvent>();
        var options = Emulator.Options();
        (options.BaseUrl, options.AllowInsecureHttp, options.OnApiKeyEvent) = ("http://emulator.example", true, told.Add);
        using var client = new AgglestoneClient(options);
        Assert.That(told.TryTake(out var happened, Emulator.Patience));
        Assert.That((happened!.Name, happened.Level), Is.EqualTo(("insecure_http", ApiKeyEventLevel.Warning)));
    }

    [Test]
    public void ACertificateFileThatIsNoneIsRefusedWhereverItIsNamed()
    {
        var options = Emulator.Options();
        options.CaFile = "/nowhere.pem";
        Assert.That(Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options))!.Message, Does.Contain("`CaFile`"));
        options.CaFile = null;
        Environment.SetEnvironmentVariable("AGGLESTONE_CA_FILE", "/nowhere.pem");
        Assert.That(Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options))!.Message, Does.Contain("`CaFile`"));
    }

    [Test]
    public void AMissingSettingIsNamedWithItsVariable()
    {
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient())!;
        Assert.That(problem.Message, Does.Contain("`TenantId`").And.Contain("AGGLESTONE_TENANT_ID"));
        Assert.That(problem.Message, Does.Contain("`ApiKey`").And.Contain("AGGLESTONE_API_KEY"));
    }

    [Test]
    public void EveryOptionCanBeBoundToTheTextOfAConfiguration()
    {
        // What the configuration binder asks for: a public getter and setter, and a type that is made from text.
        Assert.That(AgglestoneClientOptions.SectionName, Is.EqualTo("Agglestone"));
        Assert.That(typeof(AgglestoneClientOptions).GetConstructor([]), Is.Not.Null);
        foreach (var property in typeof(AgglestoneClientOptions).GetProperties())
        {
            if (typeof(Delegate).IsAssignableFrom(property.PropertyType))
            {
                continue;
            }

            Assert.That(property is { GetMethod.IsPublic: true, SetMethod.IsPublic: true }, property.Name);
            Assert.That(TypeDescriptor.GetConverter(property.PropertyType).CanConvertFrom(typeof(string)), property.Name);
        }
    }
}
